// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.0;

interface Coin {
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
    function balanceOf(address owner) external view returns (uint256);
}

interface Payer {
    function payNow(address token, address from, uint256 value) external;
}

/// Trades ether for one token; what it holds of both, multiplied, does not shrink.
contract EtherPool {
    Coin public immutable token;

    constructor(address token_) payable {
        token = Coin(token_);
    }

    /// Ether in, tokens out.
    function buy() external payable returns (uint256 out) {
        uint256 reserve = address(this).balance - msg.value;
        out = token.balanceOf(address(this)) * msg.value / (reserve + msg.value);
        token.transfer(msg.sender, out);
    }

    /// So many tokens out, as much ether as they cost in, and the rest of it back.
    function buyExactly(uint256 out) external payable returns (uint256 cost) {
        uint256 reserve = address(this).balance - msg.value;
        cost = reserve * out / (token.balanceOf(address(this)) - out) + 1;
        require(cost <= msg.value, "too dear");
        token.transfer(msg.sender, out);
        send(payable(msg.sender), msg.value - cost);
    }

    /// Tokens in, ether out.
    function sell(uint256 value) external returns (uint256 out) {
        uint256 reserve = token.balanceOf(address(this));
        token.transferFrom(msg.sender, address(this), value);
        out = address(this).balance * value / (reserve + value);
        send(payable(msg.sender), out);
    }

    function send(address payable to, uint256 value) private {
        (bool paid,) = to.call{value: value}("");
        require(paid);
    }
}

/// Trades one token for another, and pays before it is paid.
contract PairPool {
    Coin public immutable one;
    Coin public immutable other;

    constructor(address one_, address other_) {
        (one, other) = (Coin(one_), Coin(other_));
    }

    /// Pays `to`, then has the caller pay for it.
    function swap(bool fromOne, uint256 value, address to) external returns (uint256 out) {
        (Coin taken, Coin given) = fromOne ? (one, other) : (other, one);
        uint256 reserve = taken.balanceOf(address(this));
        out = given.balanceOf(address(this)) * value / (reserve + value);
        given.transfer(to, out);
        Payer(msg.sender).payNow(address(taken), to, value);
        require(taken.balanceOf(address(this)) >= reserve + value, "not paid");
    }
}

/// What people call: has the pool pay them, and lets it take what they owe.
contract Router is Payer {
    function swap(PairPool pool, bool fromOne, uint256 value) external {
        pool.swap(fromOne, value, msg.sender);
    }

    function payNow(address token, address from, uint256 value) external {
        Coin(token).transferFrom(from, msg.sender, value);
    }
}
