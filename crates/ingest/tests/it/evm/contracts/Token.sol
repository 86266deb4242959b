// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.0;

/// A fungible token; where a fee is set, each transfer pays it to a collector and says so.
contract Token {
    event Transfer(address indexed from, address indexed to, uint256 value);

    mapping(address => uint256) public balanceOf;
    uint256 public immutable feePercent;
    address public immutable collector;

    constructor(uint256 supply, uint256 fee) {
        (feePercent, collector) = (fee, address(0xC011EC7));
        balanceOf[msg.sender] = supply;
        emit Transfer(address(0), msg.sender, supply);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        uint256 fee = value * feePercent / 100;
        move(msg.sender, to, value - fee);
        if (fee > 0) move(msg.sender, collector, fee);
        return true;
    }

    function burn(uint256 value) external {
        balanceOf[msg.sender] -= value;
        emit Transfer(msg.sender, address(0), value);
    }

    function move(address from, address to, uint256 value) private {
        balanceOf[from] -= value;
        balanceOf[to] += value;
        emit Transfer(from, to, value);
    }
}
