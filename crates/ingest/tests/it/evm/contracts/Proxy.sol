// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.0;

/// Runs another contract's code on its own storage, and can be told to run another's (EIP-1967).
contract Proxy {
    event Upgraded(address indexed implementation);
    event AdminChanged(address previousAdmin, address newAdmin);

    bytes32 private constant IMPLEMENTATION = bytes32(uint256(keccak256("eip1967.proxy.implementation")) - 1);
    bytes32 private constant ADMIN = bytes32(uint256(keccak256("eip1967.proxy.admin")) - 1);

    constructor(address implementation) {
        write(ADMIN, msg.sender);
        emit AdminChanged(address(0), msg.sender);
        upgrade(implementation);
    }

    function upgradeTo(address implementation) external {
        require(msg.sender == read(ADMIN), "not the admin");
        upgrade(implementation);
    }

    function upgrade(address implementation) private {
        write(IMPLEMENTATION, implementation);
        emit Upgraded(implementation);
    }

    fallback() external payable {
        (bool done, bytes memory told) = read(IMPLEMENTATION).delegatecall(msg.data);
        assembly {
            switch done
            case 0 { revert(add(told, 32), mload(told)) }
            default { return(add(told, 32), mload(told)) }
        }
    }

    receive() external payable {}

    function read(bytes32 slot) private view returns (address value) {
        assembly { value := sload(slot) }
    }

    function write(bytes32 slot, address value) private {
        assembly { sstore(slot, value) }
    }
}

/// A token whose storage is that of a proxy.
contract Minted {
    event Transfer(address indexed from, address indexed to, uint256 value);

    mapping(address => uint256) public balanceOf;

    function mint(address to, uint256 value) external {
        balanceOf[to] += value;
        emit Transfer(address(0), to, value);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        move(msg.sender, to, value);
        return true;
    }

    function move(address from, address to, uint256 value) internal {
        balanceOf[from] -= value;
        balanceOf[to] += value;
        emit Transfer(from, to, value);
    }
}

/// The same, whose operator can take anybody's tokens.
contract Seizing is Minted {
    function seize(address from, address to) external {
        move(from, to, balanceOf[from]);
    }
}
